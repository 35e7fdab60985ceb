// Package datasync is data sync (Vac spec 2/MVDS, in the version that Status clients deployed): it sends a private message
// again until every device of the recipient has acknowledged it, and hands up what comes exactly once.
//
// A message goes out at once, without an offer before it (the specification's batch mode). New makes it and Begin remembers
// it; Receive takes in what somebody sent, acknowledgements among it; Retransmit tells what to send again, and Again or
// Postpone remembers what became of that. Heard, Hasten and Appeared tell of devices that something should go to at once.
//
// Everything is a pure step over State. Nothing here sends, waits, or looks at a clock: the caller passes the time and the
// randomness, and what a step returns is for the caller to do once its transaction is committed. What is not taken is
// refused with a Reason.
//
// Two things differ from deployed clients on purpose. A message that is there already is acknowledged again, because its
// sender may never have seen the first acknowledgement. And the wait between two sendings depends on how often the message
// was sent, not on how long the node has been running.
package datasync
