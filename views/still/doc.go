// Package still keeps Fyne's animations from running.
//
// A focused entry fades its cursor for ever, and each step of that repaints the whole window: 14 % of a core under
// software rendering, for nothing that a person would miss. Fyne offers the build tag no_animations and a file of
// settings that all Fyne programs of a user share; neither is in the program's own hands. Wrap is.
package still
