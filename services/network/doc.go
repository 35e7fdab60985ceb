// Package network is what a person can see and change of the network: state, peers, degraded states.
package network
