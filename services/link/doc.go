// Package link reads the texts by which people reach each other and channels: what somebody pastes, opens, or has in a QR
// code. It also writes those of Sotto. It looks nothing up and opens nothing.
//
// The links of Sotto, in which parameters that are not listed are ignored and names and values are percent-encoded:
//
//	sotto:contact?key=KEY&bundle=BUNDLE&name=NAME
//	sotto:channel?name=CHANNEL
//	sotto:group?key=KEY&group=ID&name=NAME&sum=SUM  a private group, which KEY, one of its admins, is asked to let in
//	sotto:join?…                                    an invitation to a network: see package invite
//
// KEY is a chat key in any form that identity.ParsePublicKey reads; the short one is written. BUNDLE may be missing; it is
// the person's prekey bundle in base64url without padding, so that the first message needs no look-up. NAME may be missing;
// it is what the person calls themselves, or what the group is called, and a suggestion only. ID is a UUID, a hyphen and the
// long form of the creator's key. SUM comes last, is that of package invite, and is of everything between "?" and "&sum=".
//
// The links of Status clients of the Whisper era, with status-im:// or https://join.status.im/ in front:
//
//	p/KEY, u/KEY, user/KEY                          a person; an ENS name instead of the key is refused
//	chat/public/CHANNEL, CHANNEL                    a channel; the bare form loses to every other route
//	g/args?a=KEY&a1=NAME&a2=ID                      a group, by its admin, name and id; what stands for args does not matter
//
// And addresses of payments, ethereum:0x… (EIP-681), of which the address alone is read.
package link
