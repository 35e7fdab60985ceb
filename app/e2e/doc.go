// Package e2e uses Sotto as people do: real windows on displays of their own, a mouse and a keyboard, several processes of
// the app and one of sottod relay. Its tests have the build tag e2e; pictures of every step go to build/e2e.
//
// The app is built without the tag migrated_fynedo, so that Fyne reports every call that touches the window off its
// goroutine; a program that does so on purpose shows that the report works here.
package e2e
