package models

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// What every private message reads and writes goes by plain statements: with the mapping of structs it takes two to
// three times as long. A function that lists the places of a row's columns serves both ways, to bind and to scan.

// do runs a statement.
func (tx *Tx) do(statement string, args ...any) (sql.Result, error) {
	result, err := tx.db.Statement.ConnPool.ExecContext(tx.db.Statement.Context, statement, args...)
	return result, typed(err)
}

// doAll runs statements with the same arguments.
func (tx *Tx) doAll(statements []string, args ...any) error {
	for _, statement := range statements {
		if _, err := tx.do(statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// all reads every row of a query; columns are the places of a row's columns.
func all[T any](tx *Tx, columns func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := tx.db.Statement.ConnPool.QueryContext(tx.db.Statement.Context, query, args...)
	if err != nil {
		return nil, typed(err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		var row T
		if err := rows.Scan(columns(&row)...); err != nil {
			return nil, typed(err)
		}
		list = append(list, row)
	}
	return list, typed(rows.Err())
}

// one reads the first row of a query and says whether there is one.
func one[T any](tx *Tx, columns func(*T) []any, query string, args ...any) (row T, found bool, err error) {
	list, err := all(tx, columns, query, args...)
	if err != nil || len(list) == 0 {
		return row, false, err
	}
	return list[0], true, nil
}

// changed says whether a statement changed a row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// column is the place of a query's only column.
func column[T any](v *T) []any { return []any{v} }

// fixed is the place of bytes of a fixed length.
type fixed []byte

// Value implements driver.Valuer.
func (f fixed) Value() (driver.Value, error) { return []byte(f), nil }

// Scan implements sql.Scanner.
func (f fixed) Scan(stored any) error {
	b, ok := stored.([]byte)
	if !ok || len(b) != len(f) {
		return fmt.Errorf("a value of another length than %d bytes", len(f))
	}
	copy(f, b)
	return nil
}

// millis is the place of a time that is stored as Unix ms.
type millis struct{ *time.Time }

// Value implements driver.Valuer.
func (m millis) Value() (driver.Value, error) { return m.UnixMilli(), nil }

// Scan implements sql.Scanner.
func (m millis) Scan(stored any) error {
	at, ok := stored.(int64)
	if !ok {
		return fmt.Errorf("a time that is no number")
	}
	*m.Time = time.UnixMilli(at)
	return nil
}

// optional is the place of a row number that is stored as NULL where it is 0: it refers to nothing.
type optional struct{ *int64 }

// Value implements driver.Valuer.
func (o optional) Value() (driver.Value, error) {
	if *o.int64 == 0 {
		return nil, nil
	}
	return *o.int64, nil
}

// Scan implements sql.Scanner.
func (o optional) Scan(stored any) error {
	*o.int64, _ = stored.(int64)
	return nil
}
