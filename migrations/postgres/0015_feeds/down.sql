DROP INDEX records_charter;
