// Package theme is how Sotto looks: its colours in a light and a dark palette, its measures, and the twelve hues that
// tell people apart in a channel.
//
// Every text colour stands on every ground it is used on with a contrast of at least 4.5 : 1 (WCAG 2.2, success
// criterion 1.4.3); a test computes each pair. Rows and widgets take colours by name, so that a change of palette
// reaches them without their knowing.
package theme
