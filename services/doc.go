// Package services puts together what a person can do, without a screen: accounts, conversations, the network.
//
// Open makes a Session over a data folder. While an account is open, the session runs its encrypted store and its node
// and lends both to the services; locking takes them back in order, and nothing of the account keeps running. The window
// and the headless client stand on the same Session.
package services
