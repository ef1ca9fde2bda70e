package screen

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/serin-aws/serin/internal/story"
)

// Model is the live view as a bubbletea program. It holds no clock and reads nothing: whoever runs it sends Show with
// what is to be seen, and tea.Quit's message at the end.
type Model struct {
	shown  Show
	width  int
	height int
	colour bool
	hint   string // which keys there are

	left, stopped bool
}

// Show is the message that puts a story on the screen.
type Show struct {
	Story story.Story
	Now   time.Time
}

// NewModel returns a model that shows nothing yet. hint stands below the view while the release goes on, and names the
// keys.
func NewModel(colour bool, hint string) Model {
	return Model{colour: colour, hint: hint, width: 80, height: usual}
}

// Stopped reports whether the person pressed Ctrl-C, and so wants an end of everything and not only of the view.
func (m Model) Stopped() bool { return m.stopped }

// Leave returns the live view as it stays on the terminal.
func (m Model) Leave() string {
	m.left = true
	return m.Text()
}

// Left reports whether the person pressed a key that ends the view.
func (m Model) Left() bool { return m.left }

// Init does nothing.
func (m Model) Init() tea.Cmd { return nil }

// Update takes a story, a new width or a key.
func (m Model) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case Show:
		m.shown = message
	case tea.WindowSizeMsg:
		m.width, m.height = message.Width, message.Height
	case tea.KeyPressMsg:
		switch message.String() {
		case "q", "esc":
			m.left = true
			return m, tea.Quit
		case "ctrl+c":
			m.left, m.stopped = true, true
			return m, tea.Quit
		}
	}
	return m, nil
}

// Pass updates a model within another one.
func (m *Model) Pass(message tea.Msg) tea.Cmd {
	view, command := m.Update(message)
	*m = view.(Model) // as Update returns it
	return command
}

// View returns the live view for bubbletea.
func (m Model) View() tea.View { return Frame(m.Text()) }

// Frame returns a view of a text, beside what the terminal has shown before: whoever runs the program prints what is to
// stay.
func Frame(text string) tea.View {
	view := tea.NewView(strings.TrimSuffix(text, "\n"))
	view.AltScreen = true
	return view
}

// Text returns the live view.
func (m Model) Text() string {
	if m.shown.Story.Release.Target.Name == "" {
		return ""
	}
	const hint = 4 // lines below the view: an empty one, the hint, what else is to be said, the shell's
	text := draw(m.shown.Story, m.shown.Now, m.width, m.height-hint, m.colour)
	if !m.shown.Story.Over() && !m.left {
		text += "\n" + newPalette(m.colour).muted.Render("  "+m.hint) + "\n"
	}
	return text
}
