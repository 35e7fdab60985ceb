// Package e2e measures the message list and the composer in Fyne's real driver: how long a scroll step holds the UI
// goroutine, how long it is held while a thousand messages come in, and what the process costs with the composer
// focused and nobody typing. It needs a display; see the tests with build tag e2e.
package e2e
