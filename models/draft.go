package models

// draft is what a person has typed into a chat and not sent.
type draft struct {
	Chat int64 `gorm:"primaryKey;autoIncrement:false"`
	Text string
	At   int64
}

func (draft) TableName() string { return "drafts" }

// Draft returns what was typed into a chat and not sent; empty if nothing.
func (tx *Tx) Draft(chat int64) (string, error) {
	text, _, err := one(tx, column[string], "SELECT text FROM drafts WHERE chat = ?", chat)
	return text, err
}

// SetDraft stores what was typed into a chat at a time in Unix ms; empty text removes it.
func (tx *Tx) SetDraft(chat int64, text string, at int64) error {
	if text == "" {
		return tx.exec("DELETE FROM drafts WHERE chat = ?", chat)
	}
	return tx.put(&draft{Chat: chat, Text: text, At: at})
}
