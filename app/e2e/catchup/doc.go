// Package catchup measures what a person sees of catching up: an account whose messages wait at a mailserver is opened in a real
// window, and counted is how long it takes until the last of them is a row there, and how long the UI goroutine was held
// meanwhile. Window, session and mailserver are one process. It needs a display; see the tests with build tag e2e.
package catchup
