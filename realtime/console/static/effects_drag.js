// Where a card belongs that is drawn up or down: behind all whose middle the pointer has passed.

export const placeAmong = (others, y) =>
  others.filter((card) => {
    const box = card.getBoundingClientRect();
    return y > box.top + box.height / 2;
  }).length;

export const moved = (names, name, place) => {
  const others = names.filter((other) => other !== name);
  return [...others.slice(0, place), name, ...others.slice(place)];
};

export const alike = (one, other) => one.join() === other.join();
