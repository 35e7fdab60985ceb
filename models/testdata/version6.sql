-- Version 6 adds a stranger who claims a name, and a control message that failed.
INSERT INTO chats (id, kind, name, active, muted, joined_at, deleted_at, request, claimed, claimed_clock) VALUES (9, 2, '0x0422', 0, 0, 1750000000008, 0, 1, 'bob', 5);
INSERT INTO outbox (id, kind, recipient, payload, attempts, next_try, expiry, failed) VALUES (50, 2, x'0411', x'01', 0, 1750000000009, 0, 1);
