(() => {
  const runbook = document.getElementById("runbook");
  const progress = document.getElementById("progress");
  const boxes = [...runbook.querySelectorAll("input[type=checkbox]")];
  const key = runbook.dataset.key;
  let done = [];
  try { done = JSON.parse(localStorage.getItem(key)) || []; } catch { }
  const tell = () => {
    if (!progress) return;
    const count = boxes.filter((box) => box.checked).length;
    progress.textContent = `${count} of ${boxes.length} done`;
  };
  for (const box of boxes) {
    box.checked = done.includes(box.id);
    box.addEventListener("change", () => {
      const ids = boxes.filter((box) => box.checked).map((box) => box.id);
      try { localStorage.setItem(key, JSON.stringify(ids)); } catch { }
      tell();
    });
  }
  tell();
})();
