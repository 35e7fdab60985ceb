// Package flow turns the text of a message into lines: it cleans what strangers wrote, reads the Markdown subset of
// the Status clients (bold, italic, struck, code, links), and breaks lines at the places of Unicode's line breaking
// rules, inside a word only where the word alone is wider than a line.
//
// It knows no toolkit; the width of a piece of text comes from a Measure.
package flow
