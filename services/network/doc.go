// Package network is what a person can see and change of the network: state, peers, degraded states.
//
// It stands over a Node while an account is open, remembers which nodes to stay connected to, and keeps a registry of
// named degraded states. A degraded state says in one sentence what does not work and in another what to do about it;
// it begins and ends by itself.
package network
