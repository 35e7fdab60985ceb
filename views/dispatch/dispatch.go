package dispatch

// Dispatcher runs functions on the UI goroutine, in the order in which they were given. Do never blocks and may be
// called from any goroutine, the UI goroutine included.
type Dispatcher interface {
	Do(f func())
}
