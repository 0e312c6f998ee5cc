/** The world's regions as Atlas tells them; none where it does not, and then there are just dots. */
export interface Region {
  readonly id: string;
  readonly name: string;
  readonly bounds: { readonly minX: number; readonly maxX: number; readonly minY: number; readonly maxY: number };
}

export async function regionsOfThisWorld(): Promise<readonly Region[]> {
  try {
    const answer = await fetch('/api/v1/regions?limit=500');
    const { items } = (await answer.json()) as { items?: Region[] };
    return items ?? [];
  } catch {
    return [];
  }
}
