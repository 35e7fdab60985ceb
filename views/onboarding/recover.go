package onboarding

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"sotto/node/identity"
	"sotto/services/account"
	"sotto/views/part"
)

// recover asks for a phrase and brings its account back.
func (f *Flow) recover() {
	say, hint := part.NewComplaint(), part.NewComplaint()
	phrase := part.NewLines("Twelve to twenty-four words, in their order", 3)
	var choice *slotChoice
	var button *part.Button
	submit := func() {
		if complaint := PhraseComplaint(phrase.Text, true); complaint != "" {
			hint.Say(complaint)
			return
		}
		o, missing := choice.options()
		if missing != "" {
			say.Say(missing)
			return
		}
		words := phrase.Text
		f.enter(button, "Recovering…", say, choice, func(ctx context.Context) (account.Account, error) {
			return f.opt.Accounts.Recover(ctx, words, o)
		})
	}
	phrase.OnChanged = func(text string) { hint.Say(PhraseComplaint(text, false)) }
	choice = f.newSlotChoice(submit)
	button = part.Main("Recover", submit)
	f.opt.Stage.SetPage("recover", page(f.Welcome,
		part.Title("Use your recovery phrase"), phrase, hint, choice.objects(), say, button), phrase)
}

// PhraseComplaint says what is wrong with a recovery phrase, or "". While it is being typed, finished is false: the word
// at the end may be half a word, and too few words are no mistake yet.
func PhraseComplaint(text string, finished bool) string {
	if !finished {
		text = withoutLastWord(text)
	}
	_, err := identity.ParsePhrase(text)
	if err == nil {
		return ""
	}
	if wrong, ok := errors.AsType[*identity.WordError](err); ok {
		return wordComplaint(wrong)
	}
	if !finished {
		return ""
	}
	switch {
	case errors.Is(err, identity.ErrPhraseEmpty):
		return "Write the words of your phrase."
	case errors.Is(err, identity.ErrPhraseLength):
		return fmt.Sprintf("A phrase has 12, 15, 18, 21 or 24 words. Yours has %d.", len(strings.Fields(text)))
	case errors.Is(err, identity.ErrPhraseChecksum):
		return "These words are all known, but they do not belong together. Check their order, and each word once more."
	default:
		return "This is too long for a recovery phrase."
	}
}

func wordComplaint(wrong *identity.WordError) string {
	word := []rune(wrong.Word)
	if len(word) > 20 {
		word = append(word[:20], '…')
	}
	sentence := fmt.Sprintf("Word %d, “%s”, is not in the list of words.", wrong.Position, string(word))
	if len(wrong.Suggestions) > 0 {
		sentence += " Did you mean " + strings.Join(wrong.Suggestions, " or ") + "?"
	}
	return sentence
}

// withoutLastWord drops a word that no space follows yet.
func withoutLastWord(text string) string {
	cut := strings.LastIndexFunc(text, unicode.IsSpace)
	return text[:cut+1]
}
