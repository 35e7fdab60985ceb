// Package wire holds the protobuf messages of data sync (Vac spec 2/MVDS) in their generated form. Only package datasync
// uses them.
package wire

//go:generate sh -c "go tool protoc-gen-go --version && cd ../../.. && protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --go_out=. --go_opt=paths=source_relative node/datasync/wire/datasync.proto"
