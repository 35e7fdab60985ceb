// Package app is the desktop program: one window around one services.Session, one instance for each data folder, and the
// demonstration of two accounts that talk through a relay on this machine.
//
// It is the only package that links Fyne's drivers.
package app
