package main

const terminal = "CONIN$"

// withPrivateUmask runs fn; on Windows a file's rights come from its folder.
func withPrivateUmask(fn func() error) error { return fn() }

// surviveBrokenPipes has nothing to do: on Windows such a write is an error anyway.
func surviveBrokenPipes() {}
