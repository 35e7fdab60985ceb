//go:build prove

package model_test

func init() { rounds, length, steady = 300, 60, "" }
