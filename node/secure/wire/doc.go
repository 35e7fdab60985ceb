// Package wire holds the protobuf messages of the secure transport (Status spec 5/SECURE-TRANSPORT) in their generated
// form. Only package secure uses them.
package wire

//go:generate sh -c "go tool protoc-gen-go --version && cd ../../.. && protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --go_out=. --go_opt=paths=source_relative node/secure/wire/secure.proto"
