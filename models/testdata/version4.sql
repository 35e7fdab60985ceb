-- Version 4 adds somebody whom the person knows, and a step that a device made.
INSERT INTO contacts (key, state, name, nickname, verified_at, last_updated, added_at)
VALUES (x'0411111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111', 1, 'Bruno', 'B', 5, 6, 7);
INSERT INTO ledger (message, state, at, who, reason, unconfirmed) VALUES (1, 5, 1750000000005, 'device', '', 0);
