// Package wire holds the protobuf messages of the application layer (Status spec 6/PAYLOADS) in their generated form.
// Only package payload uses them; what they mean and which of them are accepted is said there.
package wire

//go:generate sh -c "go tool protoc-gen-go --version && cd ../../.. && protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --go_out=. --go_opt=paths=source_relative node/payload/wire/payload.proto"
