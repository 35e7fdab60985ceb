// Package dispatch hands work to the UI goroutine: the first piece at once, what follows within a frame together.
//
// It is the only place that calls fyne.Do. Views and their loaders know the Dispatcher interface; the program gives
// them a UI, tests give them a Queue that they drain themselves. The UI keeps a histogram of how long each turn held
// the UI goroutine, so that a slow view is a number and not an impression.
package dispatch
