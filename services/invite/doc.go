// Package invite reads and writes the text that carries everything a newcomer to a network needs: its name, its nodes with
// their roles, and a first channel.
//
//	sotto:join?name=NAME&channel=CHANNEL&node=NODE&node=NODE&sum=SUM
//
// Names and values are percent-encoded. NAME is one line of at most MaxName characters. CHANNEL may be missing. There are 1
// to MaxNodes nodes, and a NODE is
//
//	KEYROLES@HOST:PORT or KEYROLES@HOST:PORT,UDP
//
// with the node's public key as 33 compressed bytes in base64url, 44 characters; a letter for each role, b for boot, r for
// relay, m for mail, of which unknown ones are ignored; and a host name, an IPv4 address or an IPv6 address in brackets. UDP is
// the port of discovery where that is another one.
//
// SUM comes last: six characters of base64url, the first 36 bits of the SHA-256 of everything between "?" and "&sum=". A link
// that was cut has none, and one with a typing error has a wrong one. Parameters that are not listed are kept in their order
// and written again.
package invite
