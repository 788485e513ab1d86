-- Roles and database, made once by whoever may make roles (psql; compose's postgres runs it too).
--   amparo_app    what the application may do: rows, never tables; the audit migration takes more away
--   amparo        the application's login
--   amparo_owner  owns the tables; migrations only
\set ON_ERROR_STOP on
\getenv app_password APP_PASSWORD
\getenv owner_password OWNER_PASSWORD

CREATE ROLE amparo_app NOLOGIN;
CREATE ROLE amparo LOGIN PASSWORD :'app_password' IN ROLE amparo_app;
CREATE ROLE amparo_owner LOGIN PASSWORD :'owner_password';

-- In template1, so that the databases of tests, which are copies of it, follow the same rules.
\connect template1
ALTER DEFAULT PRIVILEGES FOR ROLE amparo_owner, CURRENT_USER GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO amparo_app;
ALTER DEFAULT PRIVILEGES FOR ROLE amparo_owner, CURRENT_USER GRANT USAGE, SELECT ON SEQUENCES TO amparo_app;

CREATE DATABASE amparo OWNER amparo_owner;
REVOKE ALL ON DATABASE amparo FROM PUBLIC;
GRANT CONNECT ON DATABASE amparo TO amparo_app;
