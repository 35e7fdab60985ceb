// Package fleet reads and writes the network files of the Status ecosystem, JSON with the nodes of one or several fleets:
//
//	{"fleets": {NAME: {GROUP: {HOST: ADDRESS}}}, "meta": {"hostname": HOST, "timestamp": TIME}}
//
// The groups boot, mail and whisper have enode URLs. Others, such as rendezvous, are not Sotto's: they are kept as they came.
package fleet
