-- Version 3 adds where the channel lives on the wire, and a peer.
INSERT INTO topic_keys (name, topic, key) VALUES ('lobby', x'01020304', zeroblob(32));
INSERT INTO peers (enode, added) VALUES ('enode://ab@127.0.0.1:30303', 1750000000000);
