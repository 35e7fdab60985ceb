// Package views is Sotto's window: the way in, then three panes, and the sheets over them.
//
// A Window is bound to services through the interfaces declared here, so that tests give it fakes. Every call into a
// service runs off the UI goroutine and comes back through a dispatcher; events only say what to load anew. No view
// keeps state that a query could tell.
package views
