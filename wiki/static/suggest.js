// While somebody types a question: what they may be about to ask. Without it the form works all the same.

for (const field of document.querySelectorAll("input[type=search][name=q]")) {
  const list = document.createElement("datalist");
  list.id = `said-${document.querySelectorAll("datalist").length}`;
  field.after(list);
  field.setAttribute("list", list.id);
  field.autocomplete = "off";
  let waiting = 0;
  let last = "";
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });

  async function ask() {
    const text = field.value.trim();
    if (text.length < 2 || text === last) return;
    last = text;
    try {
      const answer = await fetch(`/search/suggestions?q=${encodeURIComponent(text)}`);
      const [asked, found] = await answer.json();
      if (asked === last) list.replaceChildren(...found.map((one) => new Option("", one)));
    } catch {
      // Nothing is suggested where there is no connection.
    }
  }
}
