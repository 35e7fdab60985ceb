package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sotto/services/fault"
)

// maxLine bounds one request, its line end not counted.
const maxLine = 1 << 20

// Codes of JSON-RPC 2.0, section 5.1, and the one of a refusal.
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeParams         = -32602
	codeInternal       = -32603
	codeRefusal        = -32000
)

// request is one line. A nil ID marks a notification, which is not answered.
type request struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

type response struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type notification struct {
	JSONRPC string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  any    `json:"params"`
}

// rpcError is the error object of JSON-RPC; with codeRefusal Data tells the fault's code.
type rpcError struct {
	Code    int       `json:"code"`
	Message string    `json:"message"`
	Data    *rpcFault `json:"data,omitempty"`
}

type rpcFault struct {
	Code fault.Code `json:"code"`
}

func (e *rpcError) Error() string { return e.Message }

func badParams(format string, args ...any) error {
	return &rpcError{Code: codeParams, Message: fmt.Sprintf(format, args...)}
}

// method is one entry of the table: what is called, and which parameters must be there. A long one waits for others, such as
// mailservers, and does not hold up what is asked after it.
type method struct {
	required []string
	long     bool
	call     func(ctx context.Context, s *server, params json.RawMessage) (any, error)
}

// bind makes a method of a function whose parameters are the fields of P.
func bind[P any](fn func(ctx context.Context, s *server, p P) (any, error), required ...string) method {
	return method{required: required, call: func(ctx context.Context, s *server, params json.RawMessage) (any, error) {
		var p P
		dec := json.NewDecoder(bytes.NewReader(params))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&p); err != nil {
			return nil, paramsError(err)
		}
		return fn(ctx, s, p)
	}}
}

// waiting marks a method as a long one.
func waiting(m method) method {
	m.long = true
	return m
}

// paramsError names the parameter, never its value: it may be a password.
func paramsError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return badParams("The parameter %s is of the wrong type.", wrong.Field)
	}
	if name, ok := bytes.CutPrefix([]byte(err.Error()), []byte("json: unknown field ")); ok {
		return badParams("There is no parameter %s.", name)
	}
	return badParams("The parameters cannot be read.")
}

// run calls the method with parameters that are an object, or nothing.
func (m method) run(ctx context.Context, s *server, params json.RawMessage) (any, error) {
	if len(params) == 0 || string(params) == "null" {
		params = json.RawMessage("{}")
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(params, &given) != nil {
		return nil, badParams("Parameters go by name, in an object.")
	}
	for _, name := range m.required {
		if value, ok := given[name]; !ok || string(value) == "null" {
			return nil, badParams("The parameter %s is missing.", name)
		}
	}
	return m.call(ctx, s, params)
}

// answer handles one line and returns what to write back, or nil.
func (s *server) answer(ctx context.Context, line []byte) *response {
	req, err := parseRequest(line)
	if err != nil {
		return respond(req.ID, nil, err)
	}
	return s.perform(ctx, req)
}

// perform does what a request asks and returns what to write back, or nil.
func (s *server) perform(ctx context.Context, req request) *response {
	m, known := methods[req.Method]
	if !known {
		err := &rpcError{Code: codeNoMethod, Message: "There is no such method."}
		return respondUnlessNotification(req.ID, nil, err)
	}
	result, err := m.run(ctx, s, req.Params)
	if err != nil {
		err = s.forCaller(req.Method, err)
	}
	return respondUnlessNotification(req.ID, result, err)
}

func parseRequest(line []byte) (request, error) {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			return request{}, &rpcError{Code: codeParse, Message: "The line is not JSON."}
		}
		return request{}, &rpcError{Code: codeInvalidRequest, Message: "Send one request object a line."}
	}
	if !validID(req.ID) {
		return request{}, &rpcError{Code: codeInvalidRequest, Message: "The id is a string or a number."}
	}
	if req.JSONRPC != "2.0" || req.Method == "" {
		return req, &rpcError{Code: codeInvalidRequest, Message: `A request has "jsonrpc":"2.0" and a method.`}
	}
	return req, nil
}

// validID accepts what JSON-RPC does: a string, a number, null, or nothing.
func validID(id json.RawMessage) bool {
	return len(id) == 0 || id[0] != '{' && id[0] != '[' && id[0] != 't' && id[0] != 'f'
}

// forCaller turns an error into what the caller may see; what it may not goes to the log.
func (s *server) forCaller(method string, err error) error {
	if _, ok := errors.AsType[*rpcError](err); ok {
		return err
	}
	if code := fault.CodeOf(err); code != "" {
		s.log.Debug("refused", "method", method, "code", string(code), "error", err)
		return &rpcError{Code: codeRefusal, Message: fault.Sentence(err), Data: &rpcFault{Code: code}}
	}
	s.log.Error("a request failed", "method", method, "error", err)
	return &rpcError{Code: codeInternal, Message: fault.Sentence(err)}
}

func respondUnlessNotification(id json.RawMessage, result any, err error) *response {
	if id == nil {
		return nil
	}
	return respond(id, result, err)
}

func respond(id json.RawMessage, result any, err error) *response {
	if id == nil {
		id = json.RawMessage("null")
	}
	r := &response{JSONRPC: "2.0", ID: id, Result: result}
	if err != nil {
		r.Result = nil
		if !errors.As(err, &r.Error) {
			r.Error = &rpcError{Code: codeInternal, Message: fault.Sentence(err)}
		}
	}
	return r
}

func writeLine(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

var errLineTooLong = errors.New("line too long")

// lineReader reads lines of at most maxLine bytes. A longer one is skipped and reported as errLineTooLong.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) *lineReader { return &lineReader{bufio.NewReaderSize(r, 64<<10)} }

// next returns a line without its end. The last one may lack its end; io.EOF follows it.
func (l *lineReader) next() ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := l.r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxLine+2; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(line) == 0 && !tooLong:
			return nil, err
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		if tooLong {
			return nil, errLineTooLong
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}
