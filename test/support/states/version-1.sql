-- A state of version 1, as the store before version 2 wrote it: one trigger.
PRAGMA application_id = 1383033957;
CREATE TABLE state (version INTEGER NOT NULL, owner TEXT);
CREATE TABLE cursor (origin TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE page (origin TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (origin, name));
CREATE TABLE outbox (position INTEGER PRIMARY KEY, event TEXT NOT NULL);
CREATE TABLE seen (key BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE newest (resource BLOB PRIMARY KEY, at_in_ms INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO state VALUES (1, 'user_deprovisioned');
INSERT INTO cursor VALUES ('poll', '{"version":1,"provider":"https://scim.example.com/scim/v2","epoch":"i0000000","sequence":2,"resources":{"User":{"name":"User","pageCount":1,"size":5,"columns":[{"path":"userName","kept":"value"},{"path":"externalId","kept":"value"},{"path":"active","kept":"value"},{"path":"title","kept":"value"},{"path":"userType","kept":"value"},{"path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","kept":"value"},{"path":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role","kept":"value"},{"path":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test","kept":"value"},{"path":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod","kept":"value"},{"path":"roles","kept":"items"}],"sinceInMs":1767225658000,"canAskSince":null,"pageSize":1000,"unconfirmedSinceInMs":null}}}');
INSERT INTO page VALUES ('poll', 'User/0', X'1b4a0000047470bc93077fa512071b702081fa10e038100e1b63e0131a2fbeff4d688695be45681909cd6ca5cb31e4ae9001');
INSERT INTO outbox VALUES (1, '{"id":"User/2/deactivate/i0000000.2.LqW5MD3zhn","type":"deactivate","occurredAt":"2026-01-01T00:01:00.000Z","resource":"User","subject":{"id":"2","externalId":null,"userName":"user-2","displayName":null},"changes":[{"path":"active","from":true,"to":false,"fromKnown":true,"toKnown":true}],"data":{"id":"2","userName":"user-2","active":false,"meta":{"created":"2025-12-31T00:00:00.000Z","lastModified":"2026-01-01T00:01:00.000Z"}},"source":"snapshot","cause":null,"isLate":false,"dedupeKey":"User/2/deactivate/i0000000.2.LqW5MD3zhn"}');
INSERT INTO outbox VALUES (2, '{"id":"first","type":"patch","occurredAt":"2026-01-01T00:00:00.000Z","resource":"User","subject":{"id":"ada","externalId":null,"userName":"ada@example.com","displayName":"Ada"},"changes":[{"path":"title","from":"Analyst","to":"first","fromKnown":true,"toKnown":true}],"data":{"id":"ada","userName":"ada@example.com","title":"first"},"source":"okta_event_hook","cause":null,"isLate":false,"dedupeKey":"first"}');
INSERT INTO seen VALUES (X'373e0712c83cffe15ff427b60e788b54', 20454);
INSERT INTO seen VALUES (X'a7937b64b8caa58f03721bb6bacf5c78', 20454);
INSERT INTO newest VALUES (X'584f31653a1be23110c57a3b1adc78ee', 1767225600000);
