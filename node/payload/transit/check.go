package transit

// check takes values apart and remembers whether one of them was not what it should be. What is missing, or null, is empty:
// clients left out what they had nothing to say about.
type check struct{ failed bool }

// at is the value at a place of an array, nil where the array ends before.
func at(list []any, i int) any {
	if i >= len(list) {
		return nil
	}
	return list[i]
}

func (c *check) text(v any) string {
	s, ok := v.(string)
	c.failed = c.failed || !ok && v != nil
	return s
}

// name is a keyword's, or a text.
func (c *check) name(v any) string {
	if k, ok := v.(keyword); ok {
		return string(k)
	}
	return c.text(v)
}

// number is a whole number that is not negative.
func (c *check) number(v any) uint64 {
	n, ok := v.(int64)
	c.failed = c.failed || !ok && v != nil || n < 0
	return uint64(max(n, 0))
}

func (c *check) mapping(v any) mapping {
	m, ok := v.(mapping)
	c.failed = c.failed || !ok && v != nil
	return m
}

// list is an array, a list or a set of at most so many values.
func (c *check) list(v any, most int) []any {
	if t, ok := v.(tagged); ok && (t.tag == "list" || t.tag == "set") {
		v = t.value
	}
	list, ok := v.([]any)
	c.failed = c.failed || !ok && v != nil || len(list) > most
	return list[:min(len(list), most)]
}

// texts is a list of texts.
func (c *check) texts(v any, most int) (texts []string) {
	for _, one := range c.list(v, most) {
		texts = append(texts, c.text(one))
	}
	return texts
}
