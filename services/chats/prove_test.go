//go:build prove

package chats

func init() { killEvery, powerCuts = 1, 200 }
