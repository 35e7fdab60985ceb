// Package onboarding is the way in: welcome, a new account, an account recovered from its phrase, opening one that is
// here, and the question where to go first.
//
// A Flow shows one page at a time on a Stage and ends by calling Options.Entered with the open account. No page keeps a
// secret longer than it is shown.
package onboarding
