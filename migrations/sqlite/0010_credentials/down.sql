DROP TABLE status_places;
DROP TABLE status_lists;
