// Package groups is private groups: who is in them, who may do what, and what goes to whom (Status spec 7/GROUP-CHAT).
//
// What a group is follows from the set of signed events that its members made, as node/payload/group computes it. Here the
// events are stored, sent to those whom they concern, and taken in; texts go to everybody who joined, each encrypted on its
// own.
package groups
