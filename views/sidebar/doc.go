// Package sidebar is the left pane: who is here, the search, the list of chats, and the line that always tells the truth
// about the network.
//
// It shows what it is given and tells what was chosen; it asks no service.
package sidebar
