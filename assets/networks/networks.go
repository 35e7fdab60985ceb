// Package networks has the network files of networks that once were: plain data. Nothing connects to them by itself.
package networks

import _ "embed"

// Status is the network file of the fleet that the Whisper clients of Status began with, eth.beta: its boot nodes, as
// specification 1/CLIENT names them. It is history; none of them answers today.
//
//go:embed eth.beta.json
var Status []byte
