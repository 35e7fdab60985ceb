-- Version 5 adds a mailserver of a network, a request, that somebody was told to begin anew, and two messages that are sent again:
-- one to a device whose owner has it on another, one to the only device.
INSERT INTO networks (name, link, active, joined) VALUES ('home', 'sotto:home', 1, 1750000000006);
INSERT INTO mailservers (node, answered, failed, failures, missed, trouble) VALUES (x'01', 1, 2, 3, 4, '');
INSERT INTO coverage (topic, server, start, until, at) VALUES (x'01020304', x'01', 10, 20, 30);
INSERT INTO healed (identity, at) VALUES (x'0411111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111', 1750000000006);
INSERT INTO chats (id, kind, name, active, muted, joined_at, deleted_at, request) VALUES (8, 2, '0x0411', 0, 0, 1750000000006, 0, 1);
INSERT INTO sync_messages (id, recipient, conversation, timestamp, body, ref, created)
VALUES (zeroblob(32), x'0411111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111', zeroblob(32), 1750000000, x'01', 1, 1750000000006);
INSERT INTO sync_records (message, installation, sends, next) VALUES (zeroblob(32), 'silent', 20, 1750003600006);
INSERT INTO sync_messages (id, recipient, conversation, timestamp, body, ref, created)
VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', x'0411111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111', zeroblob(32), 1750000000, x'02', 3, 1750000000007);
INSERT INTO sync_records (message, installation, sends, next) VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', 'only', 1, 1750000000007);
