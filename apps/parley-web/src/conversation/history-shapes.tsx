const widths = [['92%', '64%'], ['48%'], ['88%', '95%', '30%']];

/** Where messages will be: still shapes, no shimmer. That they come is said by the list, which is busy. */
export function HistoryShapes() {
  return (
    <div className="shapes" aria-hidden="true">
      {widths.map((lines, at) => (
        <div key={at} className="msg frame first">
          <div className="who">
            <span className="bone" />
            <span className="av bone-av" />
          </div>
          <div className="said">
            {lines.map((inlineSize) => (
              <span key={inlineSize} className="bone" style={{ inlineSize }} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
