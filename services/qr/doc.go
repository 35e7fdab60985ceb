// Package qr draws texts as QR codes and finds them in pictures.
//
// A picture comes from anywhere. Its size in bytes and pixels is bounded before anything is decoded, what is searched is
// bounded too, and a library that panics over it is a picture without a code.
package qr
