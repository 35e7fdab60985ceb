// Package invite reads and writes the text that carries everything a newcomer to a network needs: its name, its nodes with
// their roles, and a first channel.
package invite
