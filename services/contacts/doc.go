// Package contacts is the people that an account knows: adding, requests, nicknames, blocking, and the comparison of codes
// that shows that nobody stands between two people.
//
// A stranger's first message makes a request. Nothing is sent to them before it is accepted, so that they do not learn
// whether anybody is there.
package contacts
