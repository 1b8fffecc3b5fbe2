DROP TABLE witnessed_head;
DROP TABLE witnessed_logs;
