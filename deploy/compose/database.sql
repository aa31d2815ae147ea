-- What a new volume gets: a database, and a role that owns it and may do nothing beside.
\set password `cat /run/secrets/postgres-role-password`
CREATE ROLE assent LOGIN PASSWORD :'password';
CREATE DATABASE assent OWNER assent;
