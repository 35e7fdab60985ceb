// Package part is the small building blocks that Sotto's screens share and Fyne lacks: text in the three sizes of the
// look, painted panels, people's pictures, fields that let keys through, sheets over the window, and a button that says
// what it is doing while a service works.
package part
