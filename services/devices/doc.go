// Package devices is the installations of one account on several computers: how they find each other, which of them take
// part, and what one of them tells the others (Status spec 2/ACCOUNT, "Pairing").
package devices
