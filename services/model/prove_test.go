//go:build prove

package model_test

func init() { rounds, length = 300, 60 }
