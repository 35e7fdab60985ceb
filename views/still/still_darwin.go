package still

import "fyne.io/fyne/v2"

// Wrap returns a as it is: Fyne asserts the type of its own settings on macOS (build with no_animations).
func Wrap(a fyne.App) fyne.App { return a }
